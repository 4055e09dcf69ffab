"""The plug is pulled on a virtual machine whose card forgets what was not flushed."""
