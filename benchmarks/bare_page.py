"""As little as a Streamlit page with a slider and a picture can be: the peer of the dashboard benchmark."""

import numpy as np
import streamlit as st

level = st.slider("Strength", 0.0, 1.0, 1.0, 0.05)
st.image(np.full((64, 64, 3), round(255 * level), np.uint8))
