"""A chain of stores to try promessa on: real cities, postal codes, skus and orders; everything else synthetic, and seeded.

`chain` makes nodes, skus, stock, rate cards and lanes; `orders` draws the orders that are replayed over it; `nearest`
is the rule of thumb that sourcing is compared with. Nothing here knows gRPC: values have the names of the API's fields.
"""
