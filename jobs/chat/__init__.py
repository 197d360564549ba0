"""What people are told and sent about their paintings.

Read `status` (the message that shows progress), `wording` (its texts), `delivery` (sending the
result), `last_words` (how a painting ended), `stopping`; `broadcasts` are the admins' messages to
everybody.
"""
