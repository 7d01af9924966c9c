# The model answers of lesson 3, one block for each cell that is the student's turn.

# %% predict
expected_order = ["log_runtime", "knock", "stamp", "sign", "shout"]

lesson.predict("the order", expected_order)

# %% runtime-predict
included = "yes"

lesson.predict("whether the waiting is included", included)

# %% errors-predict
expected_errors = {"no stamp": ["sorry_create", "sorry_all"], "no entry": ["sorry_all"]}

lesson.predict("the error hooks", expected_errors)

# %% break-predict
outcome = "nothing"

lesson.predict("what the caller gets", outcome)

# %% repair
bench.chain("letters.create").remove("careless")


async def careful(context, next):
    await next()


bench.service("letters").hooks({"around": {"create": [careful]}})

# %% guide
bench.use("messages", MemoryService())
message_schema = {
    "type": "object",
    "required": ["text"],
    "additionalProperties": False,
    "properties": {"text": {"type": "string", "maxLength": 100}},
}

bench.service("messages").hooks(
    {
        "around": {"all": [log_runtime, authenticate("jwt")]},
        "before": {"create": [validate_data(message_schema)]},
    }
)

# %% swap-predict
still_logged = "no"

lesson.predict("whether a stranger is still logged", still_logged)
