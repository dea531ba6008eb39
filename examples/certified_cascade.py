"""Without fine-tuning: a student on any account, measured, gated, and in a cascade with a certificate. Runs as it is."""

from cortex_tickets import (
    Budget, CalibrationSample, Cascade, EmbeddingStudent, ModelPrice, Shares, TicketClassifier, TrainingSetBuilder,
    evaluate, load_gold, load_tickets, local, samples,
)

session = local.connect()      # with an account: get_active_session() in a notebook, or cortex_tickets.connect("my_connection")
load_tickets(session, samples.support_tickets(), table="SUPPORT_TICKETS")
load_gold(session, samples.gold_labels(), table="TICKET_GOLD")

labels = ["Roaming fees", "Slow data speed", "Lost phone", "Add new line", "Closing account"]
teacher = TicketClassifier(session, labels=labels, model="claude-sonnet-4-6")
run = teacher.classify_table("SUPPORT_TICKETS", into="TICKET_LABELS", budget=Budget(ai_credits=2))

training_set = TrainingSetBuilder(session, seed=5, shares=Shares(0.2, 0.1, 0.7)).build(
    "SUPPORT_TICKETS", into="TICKETS_FT", labels=run, gold="TICKET_GOLD")        # few tickets: most are kept to measure with
price = {"snowflake-arctic-embed-l-v2.0": ModelPrice(input=0.05, output=0)}      # what your contract says
student = EmbeddingStudent.train(session, training_set, prices=price)            # AI_EMBED and a linear head: nothing to deploy

cascade = Cascade(student, teacher)                                              # the student where it is sure, else the teacher
certificate = cascade.certify(
    CalibrationSample.labelled(training_set), target=0.95, answers="TICKET_LABELS", budget=Budget(ai_credits=1))
print(certificate)                                                               # what is proved, and what is not

report = evaluate({"teacher": teacher, "student": student}, on=training_set, budget=Budget(ai_credits=1))
report.require(accuracy={"student": 0.85})                                       # a gate: the lower bound counts; else RequirementError

served = cascade.classify_table("SUPPORT_TICKETS", into="TICKET_LABELS", budget=Budget(ai_credits=1))
print(served)                                                                    # one run, one budget, both models

for answer in cascade.classify_many(["I was charged $90 for roaming in Japan.", "My telephone was stolen."]):
    print(answer.label, answer.probability, answer.answered_by)                  # None: the teacher answered
