"""The people who use the appliance: operators, their credentials, how they sign in, and what each of them is allowed to do."""
