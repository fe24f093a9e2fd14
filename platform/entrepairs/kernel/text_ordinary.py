"""The ordinary words that follow « madame » or « m. » in small letters without being a name: « madame souhaite ».

All are folded. Whatever else stands there is read as a name: the sentence refused says how to write it instead.
"""

from collections.abc import Iterator
from typing import Final

from entrepairs.kernel import text_vocabulary as known


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SMALL: Final = _words("""
    a afin ai ainsi alors apres as assez au aucun aucune aujourd aupres auquel aura aurait aussi autant autour autre
    autrefois aux auxquels avait avant avec avez avoir avons ayant beaucoup bien bientot c ca car ce ceci cela celle
    celui cependant ces cet cette chacun chacune chaque chez ci combien comme comment contre d dans davantage de debout
    deja demain depuis derriere des deux devant doit donc dont du durant eh elle elles en encore enfin ensuite entre
    environ est et etaient etait etant ete etre eu eux fut hier hors hui ici il ils j jamais je jusqu jusque l la laquelle
    le lequel les leur leurs loin lors lorsque lui m ma mais malgre me meme mes mieux moi moins mon n ne neanmoins ni nom
    non nos notre nous on ont or ou ouf oui par parce parfois parmi pas pendant personne peu peut plus plusieurs plutot
    point pour pourquoi pourtant presque puis puisque qu quand quant que quel quelle quelles quels quelque quelques qui
    quoi rien s sa sans sauf se selon sera serait seront ses seul seule si sinon soit son sont sous souvent soudain sur
    surtout t ta tandis tant tard te tel telle tellement tes toi ton tot toujours tous tout toute toutefois toutes tres
    trop tu un une unique vers via voici voila voire vos votre vous vraiment y
""")
_OTHERS: Final = _words("""
    absent absente accompagne accompagnee actuellement age agee ancien ancienne bonjour bonsoir bonne bon cher chere
    content contente concerne concernee connu connue cordialement decu decue disponible enceinte fatigue fatiguee
    heureuse heureux hospitalise hospitalisee inquiete inquiet interessee interesse isole isolee jeune merci nouvelle
    nouveau originaire ouverte ouvert presente present prete pret prevenu prevenue proche referente referent retraite
    retraitee rien satisfaite satisfait seulement seul soignant soignante souffrant souffrante stagiaire suivie suivi
    svp tranquille triste untel unetelle x xxx y z
""")
_IRREGULAR: Final = _words("""
    acquiert admet appelle appellera apprend attend attendait attendra boit choisit choisira comprend comprendra
    conduit connait connaissait construit convient court craint croit decrit decouvre defend descend devient devra
    devrait devait dit dira disait dort ecrit ecrira entend entendra est etait fait faisait fera ferait finit finira
    franchit grandit guerit interdit inscrit lit maintient met mettra mettait meurt mord offre ouvre ouvrira part partira
    partait parvient peint perd permet peut pourra pourrait pouvait plait pleut poursuit prend prendra prenait prevoit
    produit promet propose reagit recoit recevra recevait reconnait reduit rejoint rejoindra remet remplit rend rendra
    repart reprend reprendra repond repondra reussit reussira revient reviendra reveille revoit rit sait saura savait
    saurait sent sentait sert sort sortira sortait souffre sourit soutient subit suit suivra suivait surprend survient
    tient tiendra tenait va allait ira irait vaut vend verra verrait vient viendra viendrait venait vit vivait vivra voit
    voyait voudra voudrait voulait veut
""")
_ER: Final = """
    accept accompagn accueill achet aid aim ajout amen annonc anim apport appreci approch arriv assist assur attach
    autoris avanc baiss bascul boug cach calm caus cess chang chant cherch circul commenc complet compt confirm conseill
    consult continu contact cout cri cuisin dans decid declar demand demeur demenag dependr depass depos desir dessin
    detest developp dialogu dispos donn dout dur echang ecout effectu emmen empech encourag engag enseign entr envisag
    espere espèr essai essay evit evoqu exerc exig exist expliqu exprim fatigu ferm fête fet figur form frequent fum
    gagn gard gere ger guid habit hesit ignor imagin import impressionn indiqu inform insist install integr interess
    interrog invit jardin jou laiss lanc lav lev mang manqu march marqu mélang melang men merit mont montr not nomm occup
    oubli parl partag particip pass pens peur plac pleur port pos possed possèd pratiqu precis precise prefer prepar
    present prevoi profit propos protest quitt racont ramen rappel rassur rat rattach realis recherch reclam recommand
    recommenc redout refus regard regl regrett remarqu remerci rencontr renonc rentr repass repet repet reparl reserv
    resid respect ressembl rest retourn retrouv rev revel risqu sembl sign signal souhait souleng soulign sollicit
    supporte support suppos tard telephon tent termin toler touch tourn travaill travers trouv utilis vers visit voyag
"""


def _conjugated() -> Iterator[str]:
    for stem in _ER.split():
        folded = stem.replace("è", "e").replace("é", "e").replace("ê", "e")
        yield from (
            folded + end
            for end in ("e", "es", "ent", "a", "ait", "aient", "era", "eront", "erait", "eraient", "er", "ant")
        )


ORDINARY: Final = (
    _SMALL | _OTHERS | _IRREGULAR | frozenset(_conjugated()) | known.FUNCTIONS | known.DAYS_AND_MONTHS
) - known.GIVEN_NAMES
"""What may follow a title in small letters. A given name is a name, even one that is also a word."""
INTO_NAMES: Final = _words("de du des d da di dos van von ben bin bel el al abd abdel mac o")
"""What a name may begin with, before the name itself."""
