"""The built-in framework: image classifiers in plain PyTorch."""
