"""The computational graphs with which the book explains backpropagation."""

LAYERS = """
# Apples bought: the price of one apple, their count, and the tax as a factor (1.1 for 10 %).
# Source: Saito, Deep Learning from Scratch, ch. 5.1 and 5.4
shopping(apple, count, tax):
    apples = apple*count
    price = apples*tax

# Two kinds of fruit bought: the price of one and the count of each, and the tax as a factor (1.1 for 10 %).
# Source: Saito, Deep Learning from Scratch, ch. 5.4.2
fruit_shopping(apple, apple_count, orange, orange_count, tax):
    apples = apple*apple_count
    oranges = orange*orange_count
    fruit = apples + oranges
    price = fruit*tax

# Two multiplications in a row: each sends back the other side's value.
# Source: the notes on backpropagation after Saito, Deep Learning from Scratch
two_products(a, b, c):
    y = a*b
    z = y*c

# A square, doubled: the chain rule as a product of local derivatives.
# Source: the notes on backpropagation after Saito, Deep Learning from Scratch
chain(x):
    y = x**2
    z = 2*y
"""
