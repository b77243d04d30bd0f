"""The campaign side: what each night leaves behind of the audiences, and plans of flights."""
