"""A chain of stores to try promessa on: real cities, postal codes, skus and orders; the rest synthetic, and seeded.

`chain.build_chain` makes nodes, skus, stock, rate cards and lanes; `orders.replay_orders` draws the orders that are
replayed over it, `purchases.purchases` who buys them and how, and `journeys` what becomes of them; `nearest.NearestFirst`
is the rule of thumb that sourcing is compared with; `files.write_files` writes a chain as the files that `promessa import`
reads. Nothing here knows gRPC: values have the names of the API's fields.
"""
