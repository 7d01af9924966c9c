# The model answers of lesson 2, one block for each cell that is the student's turn.

# %% predict
expected_text = "HELLO"
expected_order = ["filter", "action"]

lesson.predict("the text", expected_text)
lesson.predict("the order", expected_order)

# %% forget-predict
without_return = "answered"

lesson.predict("a filter without return", without_return)

# %% documented-predict
by_the_guide = "nothing"

lesson.predict("a filter without return, by the guide", by_the_guide)

# %% block
@bench.filter("websocket.message")
def guard(message, meta, context):
    if message.get("text", "").lower() == word:
        raise DirectusError("WORD_BLOCKED", "This word is not said here.")
    return message

# %% slow-predict
expected_tenths = {"say": 3, "ping": 0}

lesson.predict("the tenths", expected_tenths)

# %% repair
bench.chain("filter").remove("look_up")


@bench.action("websocket.message")
async def look_up(meta, context):
    if meta.message["type"] == "say":
        await asyncio.sleep(0.3)

# %% broadcast
@bench.action("websocket.message")
def shout(meta, context):
    if meta.message["type"] == "shout":
        bench.services.WebSocketService().broadcast({"type": "shout", "word": word}, {"role": role})
