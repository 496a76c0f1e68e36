// Charts: Plotly, when somebody asks to explore.
