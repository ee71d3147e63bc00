"""The protocol of the pic0rick, an open pulser-receiver for one element: binary frames and commands on one USB CDC-ACM port. Sans-I/O."""
