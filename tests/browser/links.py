"""What links say."""

SUM = (
    "window:23.36.19;no window:0.10.17;other rooms:31.13.7;bed left:14.12.27.16;bed right:28.30.4.32"
    "|%2B0-1%2B2|3.4|window|bed"
)
