"""Generators as people write them in classes of their own, narrow; none of it uses the package."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn import BatchNorm1d, BatchNorm2d, ConvTranspose2d, Linear, ReLU, Sequential, Tanh

from tests.models.importers.foreign_generators import up


class NestedBlocks(nn.Module):
    """A course's: no padding anywhere, parameters gen.0.0.weight, and 28 px from 1, 3, 6, 13."""

    def __init__(self, z_dim=10, hidden=4):
        super().__init__()
        self.gen = Sequential(
            self.block(z_dim, hidden * 4),
            self.block(hidden * 4, hidden * 2, kernel_size=4, stride=1),
            self.block(hidden * 2, hidden),
            Sequential(ConvTranspose2d(hidden, 1, 4, stride=2), Tanh()),
        )

    @staticmethod
    def block(n_in, n_out, kernel_size=3, stride=2):
        return Sequential(
            ConvTranspose2d(n_in, n_out, kernel_size, stride), BatchNorm2d(n_out), ReLU(inplace=True)
        )

    def forward(self, noise):
        return self.gen(noise.view(len(noise), -1, 1, 1))


class NestedThenFlat(nn.Module):
    """Blocks net.0.0 without bias, and a last convolution net.4 with one."""

    def __init__(self):
        super().__init__()
        self.net = Sequential(
            Sequential(*up(20, 32, 4, 1, 0)),
            Sequential(*up(32, 16, 4, 2, 1)),
            Sequential(*up(16, 8, 4, 2, 1)),
            Sequential(*up(8, 4, 4, 2, 1)),
            ConvTranspose2d(4, 3, kernel_size=4, stride=2, padding=1),
            Tanh(),
        )

    def forward(self, z):
        return self.net(z[:, :, None, None])


class LinearThenBlocks(nn.Module):
    """fc, a view, and blocks t_conv1.0 whose activations are functions."""

    def __init__(self, z_size=12, conv_dim=4):
        super().__init__()
        self.conv_dim = conv_dim
        self.fc = Linear(z_size, conv_dim * 4 * 4 * 4)
        self.t_conv1 = Sequential(
            ConvTranspose2d(conv_dim * 4, conv_dim * 2, 4, 2, 1, bias=False), BatchNorm2d(8)
        )
        self.t_conv2 = Sequential(
            ConvTranspose2d(conv_dim * 2, conv_dim, 4, 2, 1, bias=False), BatchNorm2d(4)
        )
        self.t_conv3 = Sequential(ConvTranspose2d(conv_dim, 3, 4, 2, 1, bias=False))

    def forward(self, x):
        x = F.relu(self.fc(x)).view(-1, self.conv_dim * 4, 4, 4)
        x = F.relu(self.t_conv1(x))
        x = F.relu(self.t_conv2(x))
        return torch.tanh(self.t_conv3(x))


class NamedLayers(nn.Module):
    """deconv1, deconv1_bn, ... and functional activations."""

    def __init__(self, d=4):
        super().__init__()
        self.deconv1 = ConvTranspose2d(15, d * 8, 4, 1, 0)
        self.deconv1_bn = BatchNorm2d(d * 8)
        self.deconv2 = ConvTranspose2d(d * 8, d * 4, 4, 2, 1)
        self.deconv2_bn = BatchNorm2d(d * 4)
        self.deconv3 = ConvTranspose2d(d * 4, d * 2, 4, 2, 1)
        self.deconv3_bn = BatchNorm2d(d * 2)
        self.deconv4 = ConvTranspose2d(d * 2, d, 4, 2, 1)
        self.deconv4_bn = BatchNorm2d(d)
        self.deconv5 = ConvTranspose2d(d, 1, 4, 2, 1)

    def forward(self, z):
        x = F.relu(self.deconv1_bn(self.deconv1(z[:, :, None, None])))
        x = F.relu(self.deconv2_bn(self.deconv2(x)))
        x = F.relu(self.deconv3_bn(self.deconv3(x)))
        x = F.relu(self.deconv4_bn(self.deconv4(x)))
        return torch.tanh(self.deconv5(x))


class NormsRegisteredLast(nn.Module):
    """All convolutions first, then all norms; two levels are as wide as each other."""

    def __init__(self):
        super().__init__()
        self.conv1 = ConvTranspose2d(9, 12, 4, 1, 0, bias=False)
        self.conv2 = ConvTranspose2d(12, 8, 4, 2, 1, bias=False)
        self.conv3 = ConvTranspose2d(8, 8, 4, 2, 1, bias=False)
        self.conv4 = ConvTranspose2d(8, 3, 4, 2, 1, bias=False)
        self.bn1 = BatchNorm2d(12)
        self.bn2 = BatchNorm2d(8)
        self.bn3 = BatchNorm2d(8)

    def forward(self, z):
        x = F.relu(self.bn1(self.conv1(z[:, :, None, None])))
        x = F.relu(self.bn2(self.conv2(x)))
        x = F.relu(self.bn3(self.conv3(x)))
        return torch.tanh(self.conv4(x))


class ModuleLists(nn.Module):
    """Convolutions and norms in lists of their own."""

    def __init__(self):
        super().__init__()
        self.convs = nn.ModuleList(
            [ConvTranspose2d(9, 12, 4, 1, 0), ConvTranspose2d(12, 8, 4, 2, 1), ConvTranspose2d(8, 6, 4, 2, 1)]
        )
        self.norms = nn.ModuleList([BatchNorm2d(12), BatchNorm2d(8), BatchNorm2d(6)])
        self.last = ConvTranspose2d(6, 1, 4, 2, 1)

    def forward(self, z):
        x = z[:, :, None, None]
        for conv, norm in zip(self.convs, self.norms, strict=True):
            x = F.relu(norm(conv(x)))
        return self.last(x).tanh()


class Paper5(nn.Module):
    """The paper's 5x5 kernels: project, norm per map, four steps of stride 2; 64 px."""

    def __init__(self):
        super().__init__()
        self.project = Linear(10, 16 * 4 * 4)
        self.bn0 = BatchNorm2d(16)
        self.up1 = ConvTranspose2d(16, 12, 5, 2, 2, output_padding=1, bias=False)
        self.bn1 = BatchNorm2d(12)
        self.up2 = ConvTranspose2d(12, 8, 5, 2, 2, output_padding=1, bias=False)
        self.bn2 = BatchNorm2d(8)
        self.up3 = ConvTranspose2d(8, 4, 5, 2, 2, output_padding=1, bias=False)
        self.bn3 = BatchNorm2d(4)
        self.up4 = ConvTranspose2d(4, 3, 5, 2, 2, output_padding=1)

    def forward(self, z):
        x = F.relu(self.bn0(self.project(z).reshape(-1, 16, 4, 4)))
        x = F.relu(self.bn1(self.up1(x)))
        x = F.relu(self.bn2(self.up2(x)))
        x = F.relu(self.bn3(self.up3(x)))
        return torch.tanh(self.up4(x))


class TensorFlowTutorial(nn.Module):
    """TensorFlow's tutorial in torch: 7 px kept once, then doubled twice; LeakyReLU 0.3."""

    def __init__(self):
        super().__init__()
        self.dense = Linear(10, 7 * 7 * 16, bias=False)
        self.bn0 = BatchNorm1d(7 * 7 * 16)
        self.deconv1 = ConvTranspose2d(16, 8, 5, 1, 2, bias=False)
        self.bn1 = BatchNorm2d(8)
        self.deconv2 = ConvTranspose2d(8, 4, 5, 2, 2, 1, bias=False)
        self.bn2 = BatchNorm2d(4)
        self.deconv3 = ConvTranspose2d(4, 1, 5, 2, 2, 1, bias=False)

    def forward(self, z):
        x = F.leaky_relu(self.bn0(self.dense(z)), 0.3).view(-1, 16, 7, 7)
        x = F.leaky_relu(self.bn1(self.deconv1(x)), 0.3)
        x = F.leaky_relu(self.bn2(self.deconv2(x)), 0.3)
        return torch.tanh(self.deconv3(x))


class TwoLinears(nn.Module):
    """InfoGAN's: two linear layers, then two steps from 7 px."""

    def __init__(self):
        super().__init__()
        self.fc = Sequential(
            Linear(12, 20), BatchNorm1d(20), ReLU(), Linear(20, 8 * 49), BatchNorm1d(8 * 49), ReLU()
        )
        self.deconv = Sequential(*up(8, 6, 4, 2, 1, bias=True), ConvTranspose2d(6, 1, 4, 2, 1), Tanh())

    def forward(self, z):
        return self.deconv(self.fc(z).view(-1, 8, 7, 7))
