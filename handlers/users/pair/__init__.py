"""The pair that a person puts together: what the conversation's handlers share about it.

Read `received` (what a message brings), `meaning` (what a new picture is, a pure function), `view`
(the message with the controls), `sketching` (the sketch in it); then `reuse` (pairs that begin with
an earlier painting) and `ordering` (how a painting gets in line). What is kept is in
`states.dialogue`.
"""
