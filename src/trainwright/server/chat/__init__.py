"""Conversations: runs are asked for, asked about and changed in words.

A message is read by `turn`: a yes or no to what was proposed (`consent`), a question about the
platform (`topics`, `answers`), a change to a run (`changes`), or a sentence for `intent`. Answers
are only read; whatever changes or costs is proposed, and done after a yes.
"""
