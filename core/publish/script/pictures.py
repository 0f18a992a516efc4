"""How a script reads the pictures and makes minibatches of them."""

from __future__ import annotations

from core.publish.script.made import Made
from core.vocabulary.datasets import DATASETS, SAMPLE, USUAL

FOLDERS = {
    SAMPLE: "the lab's assets/cifar10-sample",
    "cifar10": 'the folder "cifar-10-batches-bin" or "cifar-10-batches-py", or the one around it',
    **dict.fromkeys(
        ("cifar100", "cifar100-coarse"),
        'the folder "cifar-100-binary" or "cifar-100-python", or the one around it',
    ),
}

SHEETS = '''
def read(folder):
    """Pictures, uint8 (5000, 3, 32, 32), one of each class in turn, and labels; a PNG sheet has 25 in a row."""
    lines = np.empty((10, 640, 2401), int)  # a byte for how a line is packed, and 800 pixels of three colours
    for sheet, name in zip(lines, "{classes}".split()):
        data, packed, at = (folder / f"train_{name}.png").read_bytes(), b"", 33  # behind the header
        while size := int.from_bytes(data[at : at + 4], "big"):  # of a part: length, name, content, checksum
            packed, at = packed + data[at + 8 : at + 8 + size], at + 12 + size
        sheet[:] = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(640, 2401)
    told, pixels = lines[:, :, 1:].reshape(10, 640, 800, 3), np.zeros((10, 641, 801, 3), int)
    for diagonal in range(640 + 800 - 1):  # each pixel is told as what it differs from one beside it
        x = diagonal - (y := np.arange(max(0, diagonal - 799), min(diagonal + 1, 640)))
        near = np.stack((pixels[:, y + 1, x], pixels[:, y, x + 1], pixels[:, y, x]))  # left, above, both
        nearest = np.abs(near - (near[0] + near[1] - near[2])).argmin(0)[None]
        guess = np.where(lines[:, y, :1] == 1, near[0], np.take_along_axis(near, nearest, 0)[0])
        pixels[:, y + 1, x + 1] = (told[:, y, x] + guess) % 256
    images = pixels[:, 1:, 1:].reshape(10, 20, 32, 25, 32, 3).transpose(1, 3, 0, 5, 2, 4)
    return images.reshape(-1, 3, 32, 32).astype(np.uint8), np.tile(np.arange(10), 500)
'''

OFFICIAL = '''
def read(folder):
    """Pictures, uint8 (N, 3, 32, 32), and their labels (N,), of the official files in either of their forms."""
    images, labels, around = [], [], (folder, folder / "{binary}", folder / "{python}")
    for name in {files}:
        places = [place / f"{name}{end}" for end in (".bin", "") for place in around]
        path, pixels, last = next(filter(Path.is_file, places), places[0]), "", ""
        if path.suffix:  # {bytes} and 3,072 bytes of pixels a picture
            rows = np.frombuffer(path.read_bytes(), np.uint8).reshape(-1, {heading} + 3072)
            images, labels = [*images, rows[:, {heading}:]], [*labels, *rows[:, {column}]]
            continue
        for code, value, _ in pickletools.genops(path.read_bytes()):  # a pickle is a program: none of it is run
            if isinstance(value, str):
                last, pixels = value, max(pixels, value, key=len)
            elif code.name == "BININT1" and last == "{key}":
                labels.append(value)
        images.append(np.frombuffer(pixels.encode("latin-1"), np.uint8).reshape(-1, 3072))
    return np.concatenate(images).reshape(-1, 3, 32, 32), np.array(labels, int)
'''


def reader(made: Made) -> str:
    """What reads the training pictures of a folder."""
    if made.dataset == SAMPLE:
        return SHEETS.replace("{classes}", " ".join(DATASETS[USUAL].classes))
    if made.dataset == "cifar10":
        words = {"{files}": '[f"data_batch_{index}" for index in range(1, 6)]', "{bytes}": "a byte of label"}
        words |= {"{binary}": "cifar-10-batches-bin", "{python}": "cifar-10-batches-py"}
        words |= {"{heading}": "1", "{column}": "0", "{key}": "labels"}
    else:
        coarse = made.dataset == "cifar100-coarse"
        words = {"{files}": '["train"]', "{bytes}": "a byte of the coarse and one of the fine label"}
        words |= {"{binary}": "cifar-100-binary", "{python}": "cifar-100-python", "{heading}": "2"}
        words |= {"{column}": "0" if coarse else "1", "{key}": "coarse_labels" if coarse else "fine_labels"}
    text = OFFICIAL
    for mark, word in words.items():
        text = text.replace(mark, word)
    return text


AUGMENTED = '''
def minibatches(images, labels):
    """Of each step: pictures padded by 4 black pixels and cut out anew, half of them mirrored; and labels."""
    for epoch in range(EPOCHS):
        random, n = np.random.default_rng((SEED, epoch)), len(images)
        order, crops, flip = random.permutation(n), random.integers(0, 9, (2, n)), random.integers(0, 2, n) > 0
        drawn = [torch.from_numpy(draw).to(DEVICE).split(BATCH)[:PER_EPOCH] for draw in (order, *crops, flip)]
        for order, down, right, flip in zip(*drawn):
            windows = F.pad(images[order], (4, 4, 4, 4)).unfold(2, 32, 1).unfold(3, 32, 1)
            cut = windows[torch.arange(len(order), device=DEVICE), :, down, right]
            cut = torch.where(flip[:, None, None, None], cut.flip(3), cut).float() * SCALE + SHIFT
            yield cut.contiguous(memory_format=torch.channels_last), labels[order]
'''

BARE = '''
def minibatches(images, labels):
    """Pictures and labels of each step."""
    for epoch in range(EPOCHS):
        order = torch.from_numpy(np.random.default_rng((SEED, epoch)).permutation(len(images))).to(DEVICE)
        for order in order.split(BATCH)[:PER_EPOCH]:
            scaled = images[order].float() * SCALE + SHIFT
            yield scaled.contiguous(memory_format=torch.channels_last), labels[order]
'''


def minibatches(made: Made) -> str:
    """What makes the pictures of a step."""
    return AUGMENTED if made.train.augment else BARE
