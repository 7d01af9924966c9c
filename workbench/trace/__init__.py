"""What happened: the recorder's rings, snapshots and differences, DataFrames, exports.

Start at ``trace`` (the facade that people hold); ``recorder`` is what the plans write into.
"""
