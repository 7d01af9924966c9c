"""Hooks, points, policies, the board and its plans. No I/O, no Jupyter, no pandas.

Read in this order: ``hooks`` and ``points`` (the words), ``board`` (lists, edits, journal), ``plan`` (a
chain made callable), ``tracing`` (what a recorder must offer).
"""
