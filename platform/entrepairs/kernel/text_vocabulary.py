"""The words the identity detector knows: what announces a place, a function, a date, and usual given names.

All are folded (lower case, no accents). Given names only decide doubtful cases (a sentence that starts with one): the
lists need not be complete, and a name missing here is still seen in the middle of a sentence.
"""

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


STREET_WORDS: Final = _words("""
    rue avenue av boulevard bd bld place placette chemin impasse allee allees quai cours route square traverse
    montee esplanade promenade rond-point passage hopital hopitaux clinique cliniques centre lycee college ecole
    universite faculte institut residence batiment bat pavillon amphitheatre salle foyer stade gymnase theatre
    metro tram arret station gare mairie maison villa fondation prix caserne
""")
PLACE_WORDS: Final = STREET_WORDS | _words("""
    unite service services secteur pole antenne dispositif equipe groupe groupes atelier ateliers association
    collectif site espace etablissement etage parc jardin domaine quartier cite zone zac port porte pont mont
    golfe ile iles eglise chapelle basilique saint sainte st ste ville village commune communes metropole pays
    region departement canton district agence societe entreprise banque magasin supermarche cafe restaurant bar
    bibliotheque mediatheque musee cinema reseau plateforme programme projet formation module journee salon
    forum congres colloque festival conseil comite ministere direction prefecture tribunal cpam caf ars mdph
    clsm ptsm epsm chs chu ch cmp cattp hdj gem samsah savs esat mas fam ehpad ifsi irts esms cap usip usmp pmi
    ccas mjc crehpsy c3r sau smur uhcd upsi chap bus ligne train ter logiciel outil application methode modele
    echelle livre film chanson guide loi plan
""")
ARTICLES: Final = _words("""
    le la les l un une des du de d au aux ce cette ces
""")
PARTICLES: Final = _words("""
    de du des d la le les l et sur sous en aux au a
""")
PLACE_TITLES: Final = _words("""
    docteur dr professeur pr general marechal president capitaine colonel commandant amiral abbe pere frere
    freres saint sainte madame monsieur
""")
FUNCTIONS: Final = _words("""
    dr dre pr
    maire prefet prefete directeur directrice cadre cheffe chef president presidente secretaire responsable
    depute deputee senateur senatrice ministre juge procureur procureure commissaire inspecteur inspectrice
    recteur rectrice conseiller conseillere conseilliere adjoint adjointe coordinateur coordinatrice
    coordonnateur coordonnatrice docteur professeur medecin psychiatre psychologue infirmier infirmiere
    assistant assistante referent referente proviseur principal principale doyen doyenne administrateur
    administratrice tresorier tresoriere mediateur mediatrice
""")
DAYS_AND_MONTHS: Final = _words("""
    lundi mardi mercredi jeudi vendredi samedi dimanche janvier fevrier mars avril mai juin juillet aout
    septembre octobre novembre decembre noel paques toussaint ascension pentecote ramadan
""")
KNOWN_PROPER_WORDS: Final = DAYS_AND_MONTHS | _words("""
    provence alpes cote azur marseille aix nice toulon avignon gap digne cannes antibes arles martigues aubagne
    istres salon grasse hyeres frejus draguignan brignoles orange carpentras cavaillon apt manosque briancon
    sisteron menton var vaucluse bouches rhone maritimes hautes haute france paris lyon europe mediterranee
    timone conception valvert nord sud est ouest toulouse laveran covid esper pro wrap teams zoom meet google
    microsoft word excel whatsapp education therapeutique premiers secours sante mentale retablissement pair
    aidance aidants duplex internet securite sociale sociales solidarite rehabilitation republique nationale
    national assistance publique
""")
CONDITIONS: Final = _words("""
    alzheimer parkinson covid
""")
# Capitalised words of courtesy that open a sentence and are often followed by a given name.
GIVEN_NAMES: Final = _words("""
    adam adele adrien agathe agnes ahmed aicha alain albert alex alexandra alexandre alexis ali alice alicia
    aline amandine amelie amina amine anais andre andrea angele angelique anissa anita anna anne annie anthony
    antoine antonin arnaud arthur astrid audrey aurelie aurelien axel aya aziz baptiste beatrice benedicte
    benjamin benoit bernadette bernard bertrand bilal brahim brice brigitte bruno camille carine carla carole
    caroline catherine cecile cedric celia celine chantal charles charlotte chloe christelle christian
    christiane christine christophe claire clara claude claudine clemence clement coralie corinne cyril cyrille
    damien daniel daniele danielle david deborah delphine denis denise diane didier djamila dominique driss
    dylan edith edouard elena eliane elias elisa elisabeth elise ella elodie elsa emilie emma emmanuel
    emmanuelle enzo eric erika erwan esther ethan etienne eugenie eva evelyne fabien fabienne fabrice farid
    fatima fatiha fatou felix ferdinand fernand fiona florence florent florian franck francis francois francoise
    frederic frederique gabriel gabrielle gaelle gaetan genevieve georges geraldine gerard germain ghislaine
    gilbert gilles gisele gregory guillaume guy habib hakim hamid hamza hassan helene henri henriette herve
    hicham hugo hugues ibrahim ilyes ines irene isabelle ismael jacqueline jacques jade jamal jamel jean jeanne
    jennifer jeremie jeremy jerome jessica joel joelle johan johanna jonathan jordan joseph josette josiane
    judith jules julia julie julien juliette justine karim karima karine kevin khadija khaled laetitia laila
    lamia laura laure laurence laurent lea leila lena leo leon leonie leonard lila liliane lina linda lisa loic
    lola lou louis louise louna luc lucas lucie lucien lucienne ludovic lydia lydie madeleine mael maeva magali
    maher malik malika manon manuel marc marcel marcelle margaux margot marguerite maria mariam marianne marie
    marina marine marion marius marjorie marlene marthe martial martine maryse mathieu mathilde matthieu maud
    maurice max maxence maxime mehdi melanie melissa meriem michael michel michele mickael mireille mohamed
    mohammed monique morgane mounir mourad mustapha myriam nabil nadege nadia nadine naima nassim natacha
    nathalie nathan nicolas nicole nina noa noah noe noemie nora nour odette odile olivia olivier omar oceane
    pascal pascale patrice patricia patrick paul paula pauline philippe pierre quentin rachel rachid rania
    raphael raymond raymonde rebecca regine regis remi remy renaud rene renee richard robert robin roger roland
    romain romane rosa rose roxane sabrina sacha said salah salim salima salma sami samia samir samira samuel
    sandra sandrine sarah sebastien selim serge severine simon simone sofia sofiane solange solene sonia sophie
    souad stephane stephanie suzanne sylvain sylvie tanguy tarek teddy theo theodore therese thibault thierry
    thomas tiphaine timothee tom valentin valentine valerie vanessa vera veronique victor victoire vincent
    violette virginie viviane walid wassim william xavier yacine yann yannick yasmina yasmine yassine yohan
    yolande youcef youssef yves yvette yvon yvonne zahra zineb zoe zohra
""")
