"""A walk with cloudfarm, compared after each step with the stock client and Rackspace's plugin."""
