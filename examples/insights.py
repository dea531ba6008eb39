"""The quickstart's insights: translate a German call, judge English ones, summarize one, extract a defect. Runs as it is."""

from cortex_tickets import DefectSummary, TicketInsights, local

session = local.connect()      # with an account: get_active_session() in a notebook, or cortex_tickets.connect("my_connection")
insights = TicketInsights(session, model="claude-haiku-4-5")

german = ["Kunde: Die Schnallen der Helme sind defekt, und keiner schließt richtig."]
english = [
    """Customer: Hello, this is Jane Doe from Ski Holidays. We ordered a batch of XtremeX helmets.
Agent: Thank you, Jane. What seems to be the problem?
Customer: The buckles on several XtremeX helmets are broken and do not close. This is terrible for our season.
Agent: I am sorry. We will send ten new helmets with working buckles.
Customer: Thank you, I really like how fast you help.""",
    "Customer: The jackets arrived on time and fit perfectly. We are very happy with them.",
]

for translation in insights.translate_many(german, source_language="de_DE", target_language="en"):
    print(translation.outcome, translation.translation or translation.error)     # the engine needs a real model for it

for sentiment in insights.sentiment_many(english):
    print(sentiment.sentiment, sentiment.score)

print(insights.summarize(english[0], max_words=25).summary)

defect = insights.extract(english[0], DefectSummary).require()
print(defect.product, "|", defect.defect)
