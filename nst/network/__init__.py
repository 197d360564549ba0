"""VGG19 and the gradient of a loss through it, computed in stripes.

Read `vgg` (the operations), `stripes` (forward and backward through them within chosen memory),
`signs` (what is kept of most maps) and `gradient`; `winograd` is a quicker convolution.
"""
