"""The windows page: convolution and pooling worked by hand."""
