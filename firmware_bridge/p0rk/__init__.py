"""What the pic0rick, an open pulser-receiver for one element, speaks over USB CDC-ACM: binary frames and commands on one port. Sans-I/O."""
