"""The main job, end to end: label, train, fine-tune, measure, reply. Runs as it is, without an account."""

from cortex_tickets import (
    Budget, FineTuneJob, ResponseGenerator, Ticket, TicketClassifier, TrainingSetBuilder,
    evaluate, load_gold, load_tickets, local, samples,
)

session = local.connect()      # with an account: get_active_session() in a notebook, or cortex_tickets.connect("my_connection")
load_tickets(session, samples.support_tickets(), table="SUPPORT_TICKETS")
load_gold(session, samples.gold_labels(), table="TICKET_GOLD")

labels = ["Roaming fees", "Slow data speed", "Lost phone", "Add new line", "Closing account"]
teacher = TicketClassifier(session, labels=labels, model="claude-sonnet-4-6")
base = TicketClassifier(session, labels=labels, model="llama3.1-8b")
print(teacher.classify("I was charged $90 for roaming in Japan.").label)        # Roaming fees

print(teacher.estimate("SUPPORT_TICKETS"))                                       # rows, distinct texts, tokens, credits
run = teacher.classify_table("SUPPORT_TICKETS", into="TICKET_LABELS", budget=Budget(ai_credits=2))

training_set = TrainingSetBuilder(session, seed=7).build(
    "SUPPORT_TICKETS", into="TICKETS_FT", labels=run, gold="TICKET_GOLD")        # the teacher's paid-for labels are used, not bought again
print(training_set.report)                                                       # kept, dropped and why, per label and split

job = FineTuneJob.start(session, name="TICKETS_LLAMA", base_model="llama3.1-8b", training_set=training_set)
model = job.wait(timeout=3600, progress=True)                                    # a FineTunedModel, or a typed error

student = TicketClassifier.from_model(session, model)                            # serves with the prompt that it was trained on
report = evaluate({"teacher": teacher, "base": base, "student": student}, on=training_set, budget=Budget(ai_credits=1))
print(report)
report.save("report.html")

writer = ResponseGenerator(session, model="claude-haiku-4-5")
ticket = Ticket(id="TR1", text="I lost my phone on the train.", customer_name="Ann", contact_preference="Text Message")
print(writer.reply(ticket, label="Lost phone").body)
writer.reply_table("SUPPORT_TICKETS", labels=run, into="TICKET_REPLIES")
