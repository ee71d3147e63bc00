"""A stick where there is no network: a signed, encrypted bundle of exams for one receiver, and the reviews that come back.

    FOLDER/sonoedge-BOARD-for-RECEIVER-KEY/
        READ-ME.txt              for a person; it names no patient
        BUNDLE.json              signed by the board: for whom, and the digest of the manifest of each complete exam
        EXAM/                    32 hexadecimal characters of SHA-256 of the exam's id
            CONTENT-DIGEST.age   one file of the exam, or its manifest; DIGEST are the first 32 of the SHA-256 of these bytes

Every `.age` file is in the format age (`edge.exchange.stick.sealed`). The signature covers the manifests by their digests, and a manifest
covers the files of its exam by theirs. A file has its name only once it is complete, and the name states its digest: an interrupted writer
continues with what is missing, and needs no other memory.
"""
