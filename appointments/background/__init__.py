"""What runs by itself: the pump in each web worker, the day's jobs, and whether anything is stuck."""
