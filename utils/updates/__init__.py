"""How updates come in: none is lost, and none is handled twice.

`polling` or `webhook` brings them; both hand them to `dispatch`, which has them written down in the
inbox and then handled.
"""
