# The model answers of lesson 5, one block for each cell that is the student's turn.

# %% predict
expected_order = [
    "onConnect",
    "onAuthenticate",
    "onLoadDocument",
    "onAwarenessUpdate",
    "onChange",
    "onStoreDocument",
]

lesson.predict("the order", expected_order)

# %% stores-predict
expected_stores = 2

lesson.predict("the number of stores", expected_stores)

# %% debounce
bench.configure(max_debounce=10)

# %% two-predict
fate = "both are there"

lesson.predict("the fate of two words", fate)

# %% priority
@bench.hook("onLoadDocument")
def load(data):
    print("loaded with:", data.document.get_text("text"))


@bench.hook("onLoadDocument", priority=200)
def mark(data):
    data.document.get_text("text").insert(0, word)

# %% refuse-predict
for_a_stranger = ["onConnect", "onAuthenticate"]

lesson.predict("the hooks of a stranger", for_a_stranger)

# %% load-predict
told_of_load = "permission-denied"

lesson.predict("what a failed load tells", told_of_load)

# %% repair
@bench.hook("onStoreDocument")
def store(data):
    print("storing:", data.document.get_text("text"))
