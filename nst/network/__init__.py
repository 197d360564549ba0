"""VGG19 and the gradient of a loss through it, in stripes.

Read `vgg` (the operations), `stripes` (forwards and backwards through them in a chosen memory),
`signs` (what is kept of most maps) and `gradient`; `winograd` is a quicker convolution.
"""
