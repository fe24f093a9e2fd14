"""Many demands at once: who could come to which, so that most are served and hours are shared fairly.

Words: a *plan* is one search over a period; a *proposal* is somebody it would ask for a demand, never an assignment; the
*bound* is what no plan can go beyond, the *gap* how far the best found is from it. The same rule objects as matching say
who may come.
"""
