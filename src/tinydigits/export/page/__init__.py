"""The page that reads what is drawn: HTML, CSS and ES modules. `export.web_page` makes one file of them.

`main.js` starts the page. `page.js` is the registry of its parts. `net.js` is the forward pass; what replaces
`network.weights` changes the net of the page.
"""
