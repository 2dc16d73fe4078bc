"""From a parameter and its gradient to the next parameter: optimizers.

In go a parameter w, its gradient g and the state of the optimizer; out come the next parameter and the next state.
The state starts as zeros where nothing else is said. Every rule works on a parameter of any shape.
"""

LAYERS = """
# Gradient descent.
# Source: Saito, Deep Learning from Scratch, ch. 6.1.2; torch.optim.SGD
sgd(w, g, lr=0.01): w_next = w - lr*g

# Gradient descent with an L2 penalty on the parameter.
# Source: Krogh and Hertz 1992, A simple weight decay can improve generalization; torch.optim.SGD(weight_decay=decay)
sgd_with_decay(w, g, lr=0.01, decay=0.01): w_next = w - lr*(g + decay*w)

# A step of one size in the direction of the gradient's sign.
# Kink: where the gradient is 0 the parameter stays.
# Source: Bernstein et al. 2018, signSGD, algorithm 1
sign_sgd(w, g, lr=0.001): w_next = w - lr*sign(g)

# Gradient descent with momentum: v is the velocity.
# Source: Saito, Deep Learning from Scratch, ch. 6.1.4 (torch.optim.SGD keeps -v/lr in its place)
momentum(w, g, v, lr=0.01, alpha=0.9):
    step = alpha*v - lr*g
    w_next = w + step
    v_next = step

# Nesterov's accelerated gradient, with the gradient taken at the parameter that is kept: v is the velocity.
# Source: Bengio, Boulanger-Lewandowski and Pascanu 2012, eq. 7; torch.optim.SGD(nesterov=True) keeps -v/lr in its place
nesterov(w, g, v, lr=0.01, alpha=0.9):
    step = alpha*v - lr*g
    w_next = w + alpha*step - lr*g
    v_next = step

# AdaGrad: h adds up the squares of the gradients.
# Source: Duchi, Hazan and Singer 2011; Saito, Deep Learning from Scratch, ch. 6.1.5; torch.optim.Adagrad (eps=1e-10)
adagrad(w, g, h, lr=0.01, eps=1e-7):
    squares = h + g**2
    w_next = w - lr*g/(sqrt(squares) + eps)
    h_next = squares

# RMSProp: s is a moving average of the squares of the gradients.
# Source: Tieleman and Hinton 2012, lecture 6.5; torch.optim.RMSprop
rmsprop(w, g, s, lr=0.01, rho=0.99, eps=1e-8):
    squares = rho*s + (1 - rho)*g**2
    w_next = w - lr*g/(sqrt(squares) + eps)
    s_next = squares

# RMSProp with momentum: s is a moving average of the squares of the gradients, v adds up the steps.
# Source: Tieleman and Hinton 2012, lecture 6.5; torch.optim.RMSprop(momentum=alpha)
rmsprop_momentum(w, g, s, v, lr=0.01, rho=0.99, alpha=0.9, eps=1e-8):
    squares = rho*s + (1 - rho)*g**2
    step = alpha*v + g/(sqrt(squares) + eps)
    w_next = w - lr*step
    s_next = squares
    v_next = step

# RMSProp by the deviation of the gradients: s and m are moving averages of their squares and of themselves.
# Source: Graves 2013, Generating sequences with recurrent neural networks, eq. 38 to 45; torch.optim.RMSprop(centered=True)
rmsprop_centered(w, g, s, m, lr=0.01, rho=0.99, eps=1e-8):
    squares = rho*s + (1 - rho)*g**2
    average = rho*m + (1 - rho)*g
    w_next = w - lr*g/(sqrt(squares - average**2) + eps)
    s_next = squares
    m_next = average

# AdaDelta: s and u are moving averages of the squares of the gradients and of the steps.
# Source: Zeiler 2012, algorithm 1; torch.optim.Adadelta
adadelta(w, g, s, u, lr=1, rho=0.9, eps=1e-6):
    squares = rho*s + (1 - rho)*g**2
    step = sqrt(u + eps)/sqrt(squares + eps)*g
    w_next = w - lr*step
    s_next = squares
    u_next = rho*u + (1 - rho)*step**2

# Resilient backpropagation: every element has a step size h of its own, larger while its gradient keeps its sign and smaller when it
# turns; b is the gradient before, 0 after a turn. h starts as the learning rate, 0.01 say.
# Source: Riedmiller and Braun 1993; torch.optim.Rprop
rprop(w, g, b, h, faster=1.2, slower=0.5, least=1e-6, most=50):
    turn = g*b
    length = minimum(maximum(h*where(turn > 0, faster, where(turn < 0, slower, 1)), least), most)
    kept = where(turn < 0, 0, g)
    w_next = w - sign(kept)*length
    b_next = kept
    h_next = length

# Adam: m and v are moving averages of the gradient and of its square; t is the number of this step, from 1.
# Source: Kingma and Ba 2015, algorithm 1; torch.optim.Adam
adam(w, g, m, v, t=1, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    first = beta1*m + (1 - beta1)*g
    second = beta2*v + (1 - beta2)*g**2
    m_hat = first/(1 - beta1**t)
    v_hat = second/(1 - beta2**t)
    w_next = w - lr*m_hat/(sqrt(v_hat) + eps)
    m_next = first
    v_next = second

# AdamW: Adam, with a weight decay decoupled from the moving averages; t is the number of this step, from 1.
# Source: Loshchilov and Hutter 2019, algorithm 2; torch.optim.AdamW
adamw(w, g, m, v, t=1, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.01):
    first = beta1*m + (1 - beta1)*g
    second = beta2*v + (1 - beta2)*g**2
    m_hat = first/(1 - beta1**t)
    v_hat = second/(1 - beta2**t)
    w_next = w - lr*decay*w - lr*m_hat/(sqrt(v_hat) + eps)
    m_next = first
    v_next = second

# Adamax: u is the largest of the gradients so far, fading; m is a moving average. t is the number of this step, from 1.
# Kink: of two equal ones the older counts.
# Source: Kingma and Ba 2015, algorithm 2; torch.optim.Adamax (where eps stands)
adamax(w, g, m, u, t=1, lr=0.002, beta1=0.9, beta2=0.999, eps=1e-8):
    first = beta1*m + (1 - beta1)*g
    largest = maximum(beta2*u, abs(g) + eps)
    w_next = w - lr/(1 - beta1**t)*first/largest
    m_next = first
    u_next = largest

# Adam with Nesterov's momentum: p is the product of the momenta so far, which starts as 1; t is the number of this step, from 1.
# Source: Dozat 2016, Incorporating Nesterov momentum into Adam; torch.optim.NAdam
nadam(w, g, m, v, p, t=1, lr=0.002, beta1=0.9, beta2=0.999, eps=1e-8, psi=0.004):
    mu = beta1*(1 - 0.96**(t*psi)/2)
    mu_after = beta1*(1 - 0.96**((t + 1)*psi)/2)
    product = p*mu
    first = beta1*m + (1 - beta1)*g
    second = beta2*v + (1 - beta2)*g**2
    v_hat = second/(1 - beta2**t)
    step = (1 - mu)/(1 - product)*g + mu_after/(1 - product*mu_after)*first
    w_next = w - lr*step/(sqrt(v_hat) + eps)
    m_next = first
    v_next = second
    p_next = product

# Adam by the largest average square so far, u. t is the number of this step, from 1.
# Kink: of two equal ones the older counts.
# Source: Reddi, Kale and Kumar 2018, algorithm 2; torch.optim.Adam(amsgrad=True)
amsgrad(w, g, m, v, u, t=1, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    first = beta1*m + (1 - beta1)*g
    second = beta2*v + (1 - beta2)*g**2
    largest = maximum(u, second)
    m_hat = first/(1 - beta1**t)
    v_hat = largest/(1 - beta2**t)
    w_next = w - lr*m_hat/(sqrt(v_hat) + eps)
    m_next = first
    v_next = second
    u_next = largest

# Adam with its variance rectified, and with plain momentum in the first steps. t is the number of this step, from 1.
# Source: Liu et al. 2020, On the variance of the adaptive learning rate, algorithm 2; torch.optim.RAdam
radam(w, g, m, v, t=1, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    first = beta1*m + (1 - beta1)*g
    second = beta2*v + (1 - beta2)*g**2
    m_hat = first/(1 - beta1**t)
    longest = 2/(1 - beta2) - 1
    length = longest - 2*t*beta2**t/(1 - beta2**t)
    r = where(length > 5, sqrt((length - 4)*(length - 2)*longest/((longest - 4)*(longest - 2)*length)), 1)
    w_next = w - lr*m_hat*where(length > 5, r*sqrt(1 - beta2**t)/(sqrt(second) + eps), 1)
    m_next = first
    v_next = second

# Adam by how far the gradient is from its own average: s is the moving average of that square. t is the number of this step, from 1.
# Source: Zhuang et al. 2020, AdaBelief optimizer, algorithm 2
adabelief(w, g, m, s, t=1, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    first = beta1*m + (1 - beta1)*g
    surprise = g - first
    second = beta2*s + (1 - beta2)*surprise**2 + eps
    m_hat = first/(1 - beta1**t)
    s_hat = second/(1 - beta2**t)
    w_next = w - lr*m_hat/(sqrt(s_hat) + eps)
    m_next = first
    s_next = second

# Adam whose average of squares v grows no faster than the squares: m is a moving average of the gradient.
# Kink: where v is the square itself it stays.
# Source: Zaheer et al. 2018, Adaptive methods for nonconvex optimization, algorithm 2
yogi(w, g, m, v, lr=0.01, beta1=0.9, beta2=0.999, eps=1e-3):
    first = beta1*m + (1 - beta1)*g
    square = g**2
    second = v - (1 - beta2)*sign(v - square)*square
    w_next = w - lr*first/(sqrt(second) + eps)
    m_next = first
    v_next = second

# Lion: the sign of a moving average of the gradient, with decoupled weight decay.
# Kink: where the average is 0 the parameter only decays.
# Source: Chen et al. 2023, Symbolic discovery of optimization algorithms, program 1
lion(w, g, m, lr=0.0001, beta1=0.9, beta2=0.99, decay=0.01):
    w_next = w - lr*(sign(beta1*m + (1 - beta1)*g) + decay*w)
    m_next = beta2*m + (1 - beta2)*g

# Momentum at a learning rate in proportion to the length of the parameter over that of its gradient, both as whole tensors.
# Kink: where one of the lengths is 0 the rate is lr.
# Source: You, Gitman and Ginsburg 2017, Large batch training of convolutional networks, algorithm 1
lars(w, g, v, lr=0.01, alpha=0.9, trust=0.001, decay=0.0001):
    a = sqrt(sum(w[...]**2, ...))
    b = sqrt(sum(g[...]**2, ...))
    rate = where(a > 0 and b > 0, trust*a/(b + decay*a), 1)
    step[...] = alpha*v[...] + lr*rate*(g[...] + decay*w[...])
    w_next[...] = w[...] - step[...]
    v_next[...] = step[...]

# AdamW with each step as long as the parameter, both as whole tensors. t is the number of this step, from 1.
# Kink: where one of the lengths is 0 the step is that of AdamW.
# Source: You et al. 2020, Large batch optimization for deep learning, algorithm 2
lamb(w, g, m, v, t=1, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-6, decay=0.01):
    first[...] = beta1*m[...] + (1 - beta1)*g[...]
    second[...] = beta2*v[...] + (1 - beta2)*g[...]**2
    m_hat[...] = first[...]/(1 - beta1**t)
    v_hat[...] = second[...]/(1 - beta2**t)
    step[...] = m_hat[...]/(sqrt(v_hat[...]) + eps) + decay*w[...]
    a = sqrt(sum(w[...]**2, ...))
    b = sqrt(sum(step[...]**2, ...))
    w_next[...] = w[...] - lr*where(a > 0 and b > 0, a/b, 1)*step[...]
    m_next[...] = first[...]
    v_next[...] = second[...]

# A sample of the posterior: half a step of gradient descent on the loss, and noise that is drawn from the standard normal distribution.
# Source: Welling and Teh 2011, Bayesian learning via stochastic gradient Langevin dynamics, eq. 4
langevin(w, g, noise, lr=0.01): w_next = w - lr/2*g + sqrt(lr)*noise

# The slow parameter goes part of the way to the fast one.
# Source: Zhang et al. 2019, Lookahead optimizer, algorithm 1
lookahead(w, fast, alpha=0.5): w_next = w + alpha*(fast - w)

# A moving average a of the parameter, which is used in place of it after training.
# Source: Polyak and Juditsky 1992; torch.optim.swa_utils.get_ema_multi_avg_fn
moving_average(a, w, decay=0.999): a_next = decay*a + (1 - decay)*w

# A gradient with each element brought into [-limit, limit].
# Kink: at the limit the derivative is 0.
# Source: Mikolov 2012, Statistical language models based on neural networks; torch.nn.utils.clip_grad_value_
clip_value(g, limit=1): y = maximum(-limit, minimum(limit, g))

# A gradient no longer than the limit, as a whole tensor.
# Kink: at the limit the gradient is left as it is.
# Source: Pascanu, Mikolov and Bengio 2013, algorithm 1; torch.nn.utils.clip_grad_norm_
clip_norm(g, limit=1, eps=1e-6):
    r = sqrt(sum(g[...]**2, ...))
    y[...] = g[...]*minimum(1, limit/(r + eps))
"""
