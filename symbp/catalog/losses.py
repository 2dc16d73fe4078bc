"""Losses: one number to minimise, the mean over all elements or over the samples of a minibatch."""

LAYERS = """
# Mean squared error over all elements: y and t have the same shape.
# Source: torch.nn.MSELoss
mse(y, t): L = mean((y[...] - t[...])**2, ...)

# Mean absolute error over all elements.
# Kink: where y = t the gradient is 0.
# Source: torch.nn.L1Loss
l1(y, t): L = mean(abs(y[...] - t[...]), ...)

# Squared error where it is below beta, absolute error beyond, over all elements.
# Source: Girshick, Fast R-CNN, 2015, eq. 3; torch.nn.SmoothL1Loss
smooth_l1(y, t, beta=1):
    e[...] = abs(y[...] - t[...])
    L = mean(where(e[...] < beta, e[...]**2/(2*beta), e[...] - beta/2), ...)

# Half the squared error up to delta, and a straight line beyond, over all elements.
# Source: Huber, Robust Estimation of a Location Parameter, 1964; torch.nn.HuberLoss
huber(y, t, delta=1):
    e[...] = abs(y[...] - t[...])
    L = mean(where(e[...] <= delta, e[...]**2/2, delta*(e[...] - delta/2)), ...)

# A smooth absolute error over all elements: eps is where it turns from a parabola into a line.
# Source: Charbonnier et al., Two Deterministic Half-Quadratic Regularization Algorithms, 1994
charbonnier(y, t, eps=0.001): L = mean(sqrt((y[...] - t[...])**2 + eps**2), ...)

# The logarithm of one plus half the squared error, over all elements: outliers hardly count. c is the scale of the error.
# Source: Barron, A General and Adaptive Robust Loss Function, 2019 (alpha = 0)
cauchy(y, t, c=1): L = mean(log(1 + ((y[...] - t[...])/c)**2/2), ...)

# A squared error that levels off at 1, over all elements: outliers do not count. c is the scale of the error.
# Source: Barron, A General and Adaptive Robust Loss Function, 2019 (alpha = minus infinity)
welsch(y, t, c=1): L = mean(1 - exp(-((y[...] - t[...])/c)**2/2), ...)

# Linear near 0 with a steep logarithm: small errors of landmarks count. w is where the line begins.
# Kink: where y = t the gradient is 0, and at an error of w it is that of the line.
# Source: Feng et al., Wing Loss for Robust Facial Landmark Localisation with Convolutional Neural Networks, 2018
wing(y, t, w=10, eps=2):
    e[...] = abs(y[...] - t[...])
    L = mean(where(e[...] < w, w*log(1 + e[...]/eps), e[...] - w + w*log(1 + w/eps)), ...)

# The error of an estimated quantile q, over all elements: too low costs q, too high costs 1 - q.
# Kink: where y = t the slope of too low counts.
# Source: Koenker and Bassett, Regression Quantiles, 1978; sklearn.metrics.mean_pinball_loss(alpha=q)
pinball(y, t, q=0.5): L = mean(maximum(q*(t[...] - y[...]), (q - 1)*(t[...] - y[...])), ...)

# Mean squared difference of the logarithms of one plus the values, over all elements; both are above -1.
# Source: sklearn.metrics.mean_squared_log_error
msle(y, t): L = mean((log(1 + y[...]) - log(1 + t[...]))**2, ...)

# Mean absolute error relative to the target, over all elements; no target is 0.
# Kink: where y = t the gradient is 0.
# Source: sklearn.metrics.mean_absolute_percentage_error
mape(y, t): L = mean(abs((t[...] - y[...])/t[...]), ...)

# Squared error over that of the best constant: 1 minus the coefficient of determination.
# Source: sklearn.metrics.r2_score (of which this is the complement, over all elements)
relative_squared(y, t):
    m = mean(t[...], ...)
    L = sum((y[...] - t[...])**2, ...)/sum((t[...] - m)**2, ...)

# Negative log likelihood of counts t under a Poisson distribution with logarithmic rates z, over all elements.
# Source: torch.nn.PoissonNLLLoss
poisson_nll(z, t): L = mean(exp(z[...]) - t[...]*z[...], ...)

# Negative log likelihood of t under a normal distribution with mean y and variance v, over all elements.
# Kink: a variance below eps counts as eps and gets no gradient.
# Source: Nix and Weigend 1994; torch.nn.GaussianNLLLoss (which passes the gradient on below eps)
gaussian_nll(y, t, v, eps=1e-6):
    s[...] = maximum(eps, v[...])
    L = mean(log(s[...]) + (y[...] - t[...])**2/s[...], ...)/2

# Binary cross entropy of probabilities p, strictly between 0 and 1, with targets t of the same shape.
# Source: torch.nn.BCELoss (which clamps the logarithms at -100; this one does not)
bce(p, t): L = -mean(t[...]*log(p[...]) + (1 - t[...])*log(1 - p[...]), ...)

# Binary cross entropy of logits z with targets t of the same shape: a sigmoid, then bce.
# Source: torch.nn.BCEWithLogitsLoss
bce_with_logits(z, t):
    y[...] = sigmoid(z[...])
    L = -mean(t[...]*log(y[...]) + (1 - t[...])*log(1 - y[...]), ...)

# Binary cross entropy of logits z (..., K) with targets t, where the positive samples of class k count w[k] times.
# Source: torch.nn.BCEWithLogitsLoss(pos_weight=w)
bce_with_logits_weighted(z, t, w):
    L = mean(w[k]*t[...,k]*log(1 + exp(-z[...,k])) + (1 - t[...,k])*log(1 + exp(z[...,k])), ..., k)

# Binary cross entropy of logits z in which easy samples count little: gamma, from 1 on, says how little, and alpha is the weight
# of the positive samples. t is 1 or 0, and only compared; u is the logit of the wrong answer.
# Source: Lin et al., Focal Loss for Dense Object Detection, 2017, eq. 5; torchvision.ops.sigmoid_focal_loss (for any t)
focal(z, t, gamma=2, alpha=0.25):
    u[...] = where(t[...] > 0, -z[...], z[...])
    weight[...] = where(t[...] > 0, alpha, 1 - alpha)
    L = mean(weight[...]*sigmoid(u[...])**gamma*softplus(u[...]), ...)

# Softmax with loss for class numbers: logits z (N, K) and integer labels t (N,).
# Source: Saito, Deep Learning from Scratch, ch. 5.6.3 (SoftmaxWithLoss); torch.nn.CrossEntropyLoss
cross_entropy(z, t): L = -mean(log(softmax(z)[n, t[n]]), n)

# Softmax with loss for one-hot or soft targets: logits z (N, K) and target probabilities t (N, K).
# Source: Saito, Deep Learning from Scratch, appendix A; torch.nn.CrossEntropyLoss (probabilities as target)
cross_entropy_one_hot(z, t): L = -mean(sum(t[n,k]*log(softmax(z)[n,k]), k), n)

# Softmax with loss where class k counts w[k] times: logits z (N, K), integer labels t (N,), weights w (K,).
# Source: torch.nn.CrossEntropyLoss(weight=w)
cross_entropy_weighted(z, t, w):
    l[n] = -log(softmax(z)[n, t[n]])
    L = sum(w[t[n]]*l[n], n)/sum(w[t[n]], n)

# Softmax with loss where eps of each target is spread over all classes: logits z (N, K) and integer labels t (N,).
# Source: Szegedy et al., Rethinking the Inception Architecture, 2016, sec. 7; torch.nn.CrossEntropyLoss(label_smoothing=eps)
cross_entropy_smooth(z, t, eps=0.1):
    l[n] = logsumexp(z[n,k], k)
    L = mean(l[n] - (1 - eps)*z[n, t[n]] - eps*mean(z[n,k], k), n)

# Softmax with loss in which easy samples count little: logits z (N, K) and integer labels t (N,).
# Source: Lin et al., Focal Loss for Dense Object Detection, 2017, eq. 4, for several classes
focal_softmax(z, t, gamma=2):
    p[n] = softmax(z)[n, t[n]]
    L = -mean((1 - p[n])**gamma*log(p[n]), n)

# Negative log likelihood of class numbers: log probabilities y (N, K) and integer labels t (N,).
# Source: torch.nn.NLLLoss
nll(y, t): L = -mean(y[n, t[n]], n)

# The divergence of the distributions y, given as log probabilities (N, K), from the positive target probabilities t (N, K).
# Source: Kullback and Leibler, On Information and Sufficiency, 1951; torch.nn.KLDivLoss(reduction="batchmean")
kl_div(y, t): L = mean(sum(t[n,k]*(log(t[n,k]) - y[n,k]), k), n)

# The divergence of a diagonal normal distribution, mean mu (N, D) and logarithmic variances s (N, D), from the standard one.
# Source: Kingma and Welling, Auto-Encoding Variational Bayes, 2014, eq. 10
vae_kl(mu, s):
    v[n,d] = exp(s[n,d]) - 1
    L = mean(sum(mu[n,d]**2 + v[n,d] - s[n,d], d), n)/2

# The entropy of the softmax of logits z (N, K): a bonus for a policy that is not yet sure.
# Source: Mnih et al., Asynchronous Methods for Deep Reinforcement Learning, 2016; torch.distributions.Categorical.entropy
entropy(z):
    p = softmax(z)
    H = -mean(sum(p[n,k]*log(p[n,k]), k), n)

# Scores y on the wrong side of the margin, over all elements; t is 1 or -1.
# Kink: at the margin the gradient is 0.
# Source: Cortes and Vapnik, Support-Vector Networks, 1995
hinge(y, t): L = mean(maximum(0, 1 - t[...]*y[...]), ...)

# The hinge loss, squared.
# Source: Chang, Hsieh and Lin, Coordinate Descent Method for Large-scale L2-loss Linear SVM, 2008
squared_hinge(y, t): L = mean(maximum(0, 1 - t[...]*y[...])**2, ...)

# Distances y that are small for t = 1 and beyond the margin for t = -1, over all elements; t is only compared.
# Kink: at the margin the gradient is 0.
# Source: torch.nn.HingeEmbeddingLoss
hinge_embedding(y, t, margin=1): L = mean(where(t[...] > 0, y[...], maximum(0, margin - y[...])), ...)

# The logistic loss of scores y over all elements; t is 1 or -1.
# Source: torch.nn.SoftMarginLoss
soft_margin(y, t): L = mean(log(1 + exp(-t[...]*y[...])), ...)

# Scores y (N, K) that are not the margin below that of the right class t (N,).
# Kink: at the margin the gradient is 0.
# Source: Weston and Watkins, Support Vector Machines for Multi-Class Pattern Recognition, 1999; torch.nn.MultiMarginLoss
multi_margin(y, t, margin=1): L = mean(mean(where(k == t[n], 0, maximum(0, margin - y[n, t[n]] + y[n,k])), k), n)

# Scores y (N, K) of absent classes that are not 1 below those of present ones; t (N, K) is true where a class is present.
# Kink: at the margin the gradient is 0.
# Source: torch.nn.MultiLabelMarginLoss (whose target lists the present classes)
multilabel_margin(y, t):
    r[n,j,k] = where(t[n,j] and not t[n,k], maximum(0, 1 - (y[n,j] - y[n,k])), 0)
    L = mean(sum(r[n,j,k], j, k)/size(k), n)

# The logistic loss of each class by itself: logits z (N, K) and targets t (N, K), 0 or 1.
# Source: torch.nn.MultiLabelSoftMarginLoss
multilabel_soft_margin(z, t): L = mean(mean(log(1 + exp(z[n,k])) - t[n,k]*z[n,k], k), n)

# Pairs of scores in the wrong order: t is 1 where a should be above b, and -1 where it should be below.
# Kink: at the margin the gradient is 0.
# Source: torch.nn.MarginRankingLoss
margin_ranking(a, b, t, margin=0): L = mean(maximum(0, -t[...]*(a[...] - b[...]) + margin), ...)

# Pairs of scores in the wrong order, smoothly: a should be above b.
# Source: Burges et al., Learning to Rank using Gradient Descent, 2005; Rendle et al., BPR, 2009
bpr(a, b): L = -mean(log(sigmoid(a[...] - b[...])), ...)

# Log probabilities of chosen answers y and rejected ones z under a policy, against those of a reference, r and s.
# Source: Rafailov et al., Direct Preference Optimization, 2023, eq. 7
dpo(y, z, r, s, beta=0.1): L = -mean(log(sigmoid(beta*(y[...] - r[...]) - beta*(z[...] - s[...]))), ...)

# The surrogate of a policy gradient: log probabilities y now and r when acting, advantages a.
# Kink: at the ends of the clipped range the gradient is that of the unclipped ratio.
# Source: Schulman et al., Proximal Policy Optimization Algorithms, 2017, eq. 7
ppo_clip(y, r, a, eps=0.2):
    ratio[...] = exp(y[...] - r[...])
    clipped[...] = minimum(maximum(ratio[...], 1 - eps), 1 + eps)
    L = -mean(minimum(ratio[...]*a[...], clipped[...]*a[...]), ...)

# Anchors (N, D) that are not a margin nearer to their positive than to their negative sample, by Euclidean distance.
# Kink: at the margin the gradient is 0.
# Source: Balntas et al., Learning Local Feature Descriptors with Triplets, 2016; torch.nn.TripletMarginLoss
triplet_margin(anchor, positive, negative, margin=1, eps=1e-6):
    near[n] = sqrt(sum((anchor[n,d] - positive[n,d] + eps)**2, d))
    far[n] = sqrt(sum((anchor[n,d] - negative[n,d] + eps)**2, d))
    L = mean(maximum(0, near[n] - far[n] + margin), n)

# Pairs at distance y: close where t is 1, beyond the margin where t is 0.
# Source: Hadsell, Chopra and LeCun, Dimensionality Reduction by Learning an Invariant Mapping, 2006, eq. 4 (whose Y is 1 - t)
contrastive(y, t, margin=1): L = mean(t[...]*y[...]**2 + (1 - t[...])*maximum(0, margin - y[...])**2, ...)/2

# Pairs of vectors a and b (N, D): the same direction where t (N,) is 1, a cosine below the margin where it is -1.
# Kink: at the margin the gradient is 0.
# Source: torch.nn.CosineEmbeddingLoss
cosine_embedding(a, b, t, margin=0, eps=1e-12):
    p[n] = sum(a[n,d]**2, d) + eps
    q[n] = sum(b[n,d]**2, d) + eps
    c[n] = sum(a[n,d]*b[n,d], d)/sqrt(p[n]*q[n])
    L = mean(where(t[n] > 0, 1 - c[n], maximum(0, c[n] - margin)), n)

# Each row's own partner, on the diagonal, against all others: similarities s (N, N) and the temperature tau.
# Source: van den Oord, Li and Vinyals, Representation Learning with Contrastive Predictive Coding, 2018, eq. 4
info_nce(s, tau=0.1):
    z[n,m] = s[n,m]/tau
    L = -mean(log(softmax(z)[n,n]), n)

# info_nce by rows and by columns: images against texts and texts against images.
# Source: Radford et al., Learning Transferable Visual Models From Natural Language Supervision, 2021, fig. 3
clip_loss(s, tau=0.07):
    z[n,m] = s[n,m]/tau
    w[m,n] = s[n,m]/tau
    L = -mean(log(softmax(z)[n,n]) + log(softmax(w)[n,n]), n)/2

# info_nce among the views of one batch: similarities s (N, N), and t (N,) is the number of each view's partner.
# Source: Chen et al., A Simple Framework for Contrastive Learning of Visual Representations, 2020, eq. 1
nt_xent(s, t, tau=0.5):
    z[n,m] = where(m == n, -inf, s[n,m]/tau)
    L = -mean(log(softmax(z)[n, t[n]]), n)

# Every pair of a batch by itself, partners on the diagonal: similarities s (N, N), a scale and a bias.
# Source: Zhai et al., Sigmoid Loss for Language Image Pre-Training, 2023, algorithm 1
siglip(s, *, scale, bias):
    z[n,m] = where(m == n, 1, -1)*(scale*s[n,m] + bias)
    L = -sum(log(sigmoid(z[n,m])), n, m)/size(n)

# Features of two views, x and z (N, D), normalized over the batch: each correlates with its partner alone.
# Source: Zbontar et al., Barlow Twins, 2021, eq. 1
barlow_twins(x, z, weight=0.005):
    c[i,j] = mean(x[n,i]*z[n,j], n)
    L = sum(where(i == j, (1 - c[i,j])**2, weight*c[i,j]**2), i, j)

# Squared distances of x (N, D) from the learned centre of their class: t (N,) and centres c (K, D).
# Source: Wen et al., A Discriminative Feature Learning Approach for Deep Face Recognition, 2016, eq. 2 (here the mean)
center_loss(x, t, *, c): L = mean(sum((x[n,d] - c[t[n],d])**2, d), n)/2

# One minus the overlap of probabilities p with targets t, as the Sorensen-Dice coefficient over all elements.
# Source: Drozdzal et al., The Importance of Skip Connections in Biomedical Image Segmentation, 2016 (here with eps)
dice(p, t, eps=1):
    overlap = sum(p[...]*t[...], ...)
    total = sum(p[...], ...) + sum(t[...], ...)
    L = 1 - (2*overlap + eps)/(total + eps)

# One minus the overlap of probabilities p with targets t, as intersection over union over all elements.
# Source: Rahman and Wang, Optimizing Intersection-Over-Union in Deep Neural Networks for Image Segmentation, 2016 (here with eps)
jaccard(p, t, eps=1):
    overlap = sum(p[...]*t[...], ...)
    union = sum(p[...] + t[...] - p[...]*t[...], ...)
    L = 1 - (overlap + eps)/(union + eps)

# dice in which false positives count alpha and false negatives beta.
# Source: Salehi, Erdogmus and Gholipour, Tversky Loss Function for Image Segmentation, 2017 (here with eps)
tversky(p, t, alpha=0.3, beta=0.7, eps=1):
    hits = sum(p[...]*t[...], ...)
    false_positives = sum(p[...]*(1 - t[...]), ...)
    false_negatives = sum((1 - p[...])*t[...], ...)
    L = 1 - (hits + eps)/(hits + alpha*false_positives + beta*false_negatives + eps)

# The logarithm of the hyperbolic cosine of the error: a smooth mixture of squares and absolute values; y and t have the same shape.
# Source: Saleh and Saleh, Statistical Properties of the log-cosh Loss Function, 2022
log_cosh(y, t): L = mean(log(cosh(y[...] - t[...])), ...)
"""
