# The model answers of lesson 1, one block for each cell that is the student's turn.

# %% predict
expected_order = ["upgrade", "open", "message", "close"]

lesson.predict("the order", expected_order)

# %% context
bench.trace.clear()


@bench.hook("upgrade")
def remember(request):
    request.context.word = word


@bench.hook("message")
def recall(peer, message):
    if message.text() == "word?":
        peer.send(peer.context.word)


# %% unused
unused = "authToken"

lesson.predict("the unused name", unused)

# %% refusal-predict
expected_statuses = {"returned": 401, "raised": 401}

lesson.predict("the two statuses", expected_statuses)

# %% friend
my_headers = {"Authorization": WANTED}

# %% raise-predict
fate = "it lives"

lesson.predict("the fate of the connection", fate)

# %% slow-predict
seconds = 2

lesson.predict("the seconds until both are in", seconds)

# %% repair
bench.chain("upgrade").remove("slow_door")


@bench.hook("message")
def fragile(peer, message):
    if message.text() == "break":
        peer.send("broken")
