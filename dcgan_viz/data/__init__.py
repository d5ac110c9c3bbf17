"""What the networks are trained on and judged by: image data sets, boxes, segmenters, distances."""
