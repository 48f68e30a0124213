"""The same values through the product's formats and through the libraries that people validate with."""
