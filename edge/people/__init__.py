"""Who works with the appliance: operators, what they have learnt and shown, how they sign in, and what each of them may do."""
