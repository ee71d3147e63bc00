"""The site of a board: a signed policy that opens its pages to the networks of a hospital or clinic."""
