"""Stepping into live traffic: faults that are injected, and breakpoints that hold events.

``faults`` and ``breakpoints`` are what people arm and set; ``crossing`` is what stands between a plan and its
hooks while any is; ``wires`` reaches the connections themselves; ``payloads`` reads and changes what an event
carries.
"""
