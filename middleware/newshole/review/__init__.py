"""What rules do over many pages: what a change of them changes, what each bound costs, a site as it is.

Nothing here opens, awaits or prints anything: pages come in as bytes, figures and words go out.
"""
