"""The quickstart's insights: translate a German call, judge English ones, summarize one, extract a defect. Runs as it is."""

import csv

from cortex_tickets import DefectSummary, TicketInsights, local, samples

session = local.connect()      # with an account: get_active_session() in a notebook, or cortex_tickets.connect("my_connection")
insights = TicketInsights(session, model="claude-haiku-4-5")

with samples.call_transcripts().open(encoding="utf-8", newline="") as file:
    calls = list(csv.DictReader(file))
german = [call["TRANSCRIPT"] for call in calls if call["LANGUAGE"] == "German"][:3]
english = [call["TRANSCRIPT"] for call in calls if call["LANGUAGE"] == "English"][:3]

for translation in insights.translate_many(german, source_language="de_DE", target_language="en"):
    print(translation.outcome, translation.translation or translation.error)     # the engine needs a real model for it

for sentiment in insights.sentiment_many(english):
    print(sentiment.sentiment, sentiment.score)

print(insights.summarize(english[0], max_words=25).summary)

defect = insights.extract(english[0], DefectSummary).require()
print(defect.product, "|", defect.defect)
