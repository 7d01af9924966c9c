# The model answers of lesson 4, one block for each cell that is the student's turn.

# %% predict
expected_order = [
    "connect",
    "parsed-headers",
    "body-chunk",
    "body-complete",
    "pre-route",
    "response-started",
    "post-route",
]

lesson.predict("the order", expected_order)

# %% remove
bench.remove_hook("pre-route", "second")

# %% wait-predict
tenths = round(10 * max(waits.values()))

lesson.predict("the tenths", tenths)

# %% break-predict
strangers_get = "nothing"

lesson.predict("what a stranger gets", strangers_get)

# %% repair
bench.remove_hook("pre-route", "guard")


def answering_guard(request, response):
    future = make_future()

    def decide():
        if request.query.get("user") == user:
            request.data = user
            finish(future)
        else:
            send_response(response, status=401, body="Who are you?")
            signal_error(future, "nobody is logged in")

    asyncio.get_running_loop().call_later(0.02, decide)
    return future


bench.add_hook("pre-route", answering_guard, "guard")

# %% stream
bench.clear_hooks()
counts = []


def count(request, chunk, last):
    request.data = (request.data or 0) + len(chunk)


def counted(request):
    counts.append(request.data)


bench.add_hook("body-chunk", count)
bench.add_hook("body-complete", counted)
