"""The lab's words as data: what can be chosen, what it is called, and what it means. Each word stands here once.

Specs, forms, flags, addresses, names, charts and the browser read these tables; nothing here imports anything of the
rest.
"""
