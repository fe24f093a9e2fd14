"""What binds a partner and the association: framework agreements, quotes and their versions, acceptances, engagements.

Words: an *agreement* (convention-cadre) has prices, a ceiling, dates, signatories and a record-access clause; a
*quote* (devis) is numbered, its *version* frozen once sent; an *acceptance* keeps who, when, from where and the hash
of what was read; an *engagement* is the public buyer's commitment number; a *draw* is what a demand takes of a ceiling.
"""
