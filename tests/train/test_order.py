import torch

from train.order import BatchOrder

CPU = torch.device("cpu")


def test_an_epoch_shows_every_image_once_in_whole_batches() -> None:
    order = BatchOrder(n_images=23, batch_size=5, seed=1, device=CPU)
    assert order.batches_per_epoch == 4
    epochs = [torch.cat([order.batch(4 * epoch + i) for i in range(4)]).tolist() for epoch in range(30)]
    for shown in epochs:
        assert len(set(shown)) == 20
        assert set(shown) <= set(range(23))
    assert len({tuple(shown) for shown in epochs}) == 30
    # 3 of 23 are left out of an epoch, and over 30 epochs every one of them in turn (with this seed).
    assert {image for shown in epochs for image in set(range(23)) - set(shown)} == set(range(23))


def test_a_batch_is_a_function_of_its_number() -> None:
    numbers = [0, 7, 3, 12, 3, 0]
    order = BatchOrder(20, 4, seed=9, device=CPU)
    asked_in_turn = [order.batch(number) for number in numbers]
    for number, batch in zip(numbers, asked_in_turn, strict=True):
        assert torch.equal(BatchOrder(20, 4, seed=9, device=CPU).batch(number), batch)
    assert not torch.equal(BatchOrder(20, 4, seed=10, device=CPU).batch(0), asked_in_turn[0])
