"""Reading a sentence with a language model, where one is configured.

The rules read first, and their reading stays the check. The model fills a flat form (`answer`),
nothing more: it calls nothing, and what it returns is believed only as far as the person's own
words bear it out (`ground`, `merge`). LangChain is imported when a model is asked, not before.
"""
